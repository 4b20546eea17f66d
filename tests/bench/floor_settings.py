"""The service's settings with nothing but the floor's view: no middleware, no other path."""

from config.settings import *  # noqa: F403

ROOT_URLCONF = "tests.bench.floor"
MIDDLEWARE = []
