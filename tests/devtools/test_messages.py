"""The catalogs hold every text of the back-office in both written forms of Norwegian."""

import gettext
from io import BytesIO
from pathlib import Path

import pytest

from config.devtools import catalogs, messages
from config.devtools.catalogs import Message, placeholders

BOTH = pytest.mark.parametrize("language", messages.LANGUAGES)


@BOTH
def test_every_text_is_translated_and_no_other_is_kept(language: str) -> None:
    known, wanted = messages.catalog(language), messages.messages()

    # Run: make messages
    assert {each.one for each in wanted - set(known)} == set()
    assert {each.one for each in set(known) - wanted} == set()
    assert [each.one for each, texts in known.items() if not all(texts)] == []


@BOTH
def test_translations_keep_what_is_filled_in_and_the_tags(language: str) -> None:
    wrong = [
        (message.one, text)
        for message, texts in messages.catalog(language).items()
        for text, english in zip(texts, (message.one, message.many), strict=False)
        if list(placeholders(text)) != list(placeholders(english))
    ]

    assert wrong == []


@BOTH
def test_translations_begin_and_end_as_the_text_does(language: str) -> None:
    """Capitals, full stops and blanks: what is put beside something else must fit there."""
    wrong = [
        (message.one, texts[0])
        for message, texts in messages.catalog(language).items()
        if (message.one[-1] in ".:?" and texts[0][-1] != message.one[-1])
        or (message.one[:1].islower() and not texts[0][:1].islower())
    ]

    assert wrong == []


def test_the_files_are_as_the_texts_have_them() -> None:
    """The .mo too, which is what Django reads."""
    stale = [path.name for path, content in messages.catalog_files().items() if path.read_bytes() != content]

    assert stale == []


CATALOG = {
    Message("Save"): ("Lagre",),
    Message("Open", context="door"): ("Åpne",),
    Message("%(count)s letter", "%(count)s letters"): ("%(count)s brev", "%(count)s brev"),
    Message('A "quote"\nand a line\\'): ('Et "sitat"\nog en linje\\',),
    Message("Not yet"): ("",),
}


def test_a_catalog_is_read_as_it_was_written() -> None:
    assert catalogs.read(catalogs.written("nb", CATALOG)) == CATALOG


def test_a_compiled_catalog_is_what_gettext_reads() -> None:
    read = gettext.GNUTranslations(BytesIO(catalogs.compiled("nb", CATALOG)))

    assert read.gettext("Save") == "Lagre"
    assert read.pgettext("door", "Open") == "Åpne"
    assert read.ngettext("%(count)s letter", "%(count)s letters", 2) == "%(count)s brev"
    assert read.gettext('A "quote"\nand a line\\') == 'Et "sitat"\nog en linje\\'
    assert read.gettext("Not yet") == "Not yet"


def test_a_doubtful_translation_counts_as_none() -> None:
    text = '#, fuzzy\nmsgid "Save"\nmsgstr "Lagre"\n'

    assert catalogs.read(text) == {Message("Save"): ("",)}


def test_texts_are_found_wherever_they_are_marked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "registry" / "templates"
    folder.mkdir(parents=True)
    (tmp_path / "registry" / "models.py").write_text(
        'a = _("one" " two")\nngettext("%(n)s day", "%(n)s days", n)\npgettext_lazy("right", "Read")\n'
    )
    (folder / "page.html").write_text(
        '{% translate "It\'s here" %}{% blocktranslate trimmed %}\n  Two\n  lines {{ x }}\n{% endblocktranslate %}'
        "{% blocktranslate count n=n %}a{% plural %}{{ n }} b{% endblocktranslate %}{{ _('filtered')|upper }}"
    )
    monkeypatch.setattr(messages, "ROOT", tmp_path)
    monkeypatch.setattr(messages, "DJANGOS", ())
    monkeypatch.setattr(messages, "DJANGOS_NUMBERED", ())

    assert messages.messages() == {
        Message("one two"),
        Message("%(n)s day", "%(n)s days"),
        Message("Read", context="right"),
        Message("It's here"),
        Message("Two lines %(x)s"),
        Message("a", "%(n)s b"),
        Message("filtered"),
    }


def test_a_text_that_is_put_together_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "registry").mkdir()
    (tmp_path / "registry" / "views.py").write_text('\n_(f"{count} letters")\n')
    monkeypatch.setattr(messages, "ROOT", tmp_path)

    with pytest.raises(messages.NotAText, match=r"registry/views.py: line 2"):
        messages.messages()
