"""What several tests of correspondences stand on."""

from typing import Any

import pytest


@pytest.fixture
def short_histories(settings: Any) -> None:
    """Content is kept for 10 days, and history for 20 more."""
    settings.KEEP_PUBLISHED_CONTENT_DAYS, settings.KEEP_HISTORY_DAYS = 10, 20
