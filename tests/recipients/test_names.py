"""Registered names as texts write them (contract http-api.md §3.3)."""

import pytest

from recipients.names import title_cased

# The right-hand side is what .NET's ToTitleCase gives for the name in lower case.
NAMES = {
    "words": ("BERG OG DAL AS", "Berg Og Dal As"),
    "hyphen, letters of ours": ("ANNE-LISE ØSTBØ", "Anne-Lise Østbø"),
    "apostrophe inside a word": ("O'NEIL", "O'neil"),
    "apostrophe before a word": ("'T HOEN", "'T Hoen"),
    "another apostrophe ends a word": ("O’NEIL", "O’Neil"),
    "full stops": ("A.B. LIE", "A.B. Lie"),
    "slash, brackets, ampersand": ("A/S (NUF) & CO", "A/S (Nuf) & Co"),
    "digits inside a word": ("B2B 3D", "B2b 3D"),
    "digits and punctuation": ("24-7 DRIFT, AVD. 3", "24-7 Drift, Avd. 3"),
    "underscore": ("NORD_SØR", "Nord_Sør"),
    "accents, composed and not": ("ÉVA E\u0301VA", "Éva E\u0301va"),
    "mixed before": ("kari mcDonald", "Kari Mcdonald"),
    "blanks are kept": (" KARI  LIE ", " Kari  Lie "),
    "nothing": ("", ""),
}


@pytest.mark.parametrize(("name", "cased"), NAMES.values(), ids=NAMES)
def test_a_name_in_title_case(name: str, cased: str) -> None:
    assert title_cased(name) == cased
