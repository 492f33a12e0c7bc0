"""Words that people read, in every language of the pages.

They stand in the declaration of what they name, an alarm kind or a limit. Other texts of the pages
are in ``dashboard/i18n/locale``.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """One text in every language of the pages.

    Attributes:
        en: English.
        fr: French.
        ar: Arabic.
    """

    en: str
    fr: str
    ar: str

    def of(self, language: str) -> str:
        """Return the text in a language.

        Args:
            language: code of the language, a name of one of the fields.

        Raises:
            AttributeError: there are no words in this language.
        """
        text: str = getattr(self, language)
        return text


def everywhere(text: str) -> Words:
    """Return words that are the same in every language, such as the symbol of a unit."""
    return Words(text, text, text)
