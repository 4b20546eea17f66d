"""What other apps may listen to."""

from django.dispatch import Signal

# An attachment is Published, or Failed for good. Sent inside the transaction that settles it, with `attachment` and
# `now`: what a receiver writes happens with it or not at all.
settled = Signal()
