from __future__ import annotations

import pytest

from mtfix.names.gazetteer import Gazetteer


@pytest.fixture(scope="session")
def gazetteer() -> Gazetteer:
    """The one that ships."""
    return Gazetteer()
