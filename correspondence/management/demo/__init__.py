"""A believable month of a service, for people to look at: `manage.py demo_data`."""
