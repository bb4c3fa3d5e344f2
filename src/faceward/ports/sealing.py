"""A template and a recipient's key in, bytes that only the recipient can open out; and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from faceward.core.values import Template
from faceward.errors import InputError


class TemplateFileRefused(InputError):
    """The file is no template file that can be opened, or not with this key."""

    code = "template_file_refused"
    remedy = "Make the template again from the photo with `faceward embed`."


@dataclass(frozen=True, slots=True)
class KeyPair:
    """The two halves of a new key.

    Attributes:
        private: Opens what was sealed; whoever has it has the templates. A text in ASCII.
        public: Seals, and opens nothing; may be given to anyone. A text in ASCII.
    """

    private: bytes
    public: bytes

    def __repr__(self) -> str:
        """Show neither half."""
        return "KeyPair(<private>, <public>)"


class Sealing(Protocol):
    """Closes templates for one recipient. Every adapter passes tests/contracts/test_sealing.py.

    What it writes is described in docs/reference/template-file.md and holds the template and its contract:
    no name, no photo, no time.
    """

    def new_key(self) -> KeyPair:
        """Make a key pair."""

    def sealed(self, template: Template, public: bytes) -> bytes:
        """Close a template so that only the holder of the private key can open it.

        Args:
            template: What to close.
            public: `KeyPair.public` of the recipient.

        Raises:
            InvalidValue: The key is none of ours.
        """

    def unprotected(self, template: Template) -> bytes:
        """Write a template that anyone can read. Whoever asks for this must have been told what it means."""

    def is_template_file(self, content: bytes) -> bool:
        """Whether content, or the first bytes of it, begins as a template file does."""

    def opened(self, content: bytes, private: bytes | None) -> Template:
        """Open what `sealed` or `unprotected` wrote.

        Args:
            content: The whole file.
            private: `KeyPair.private`; not needed for what is unprotected.

        Raises:
            TemplateFileRefused: It is cut short, was changed, is of an unknown version, or was sealed for
                another key. Which of the contents would have been right is never said.
            InvalidValue: The key is missing, or is none of ours.
        """
