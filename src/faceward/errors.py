"""A cause and a remedy in, an error a person can act on out.

::

    FacewardError
    ├── InputError                 the caller: send something else
    │   ├── ImageError             the file or array is not a usable photo
    │   │   ├── UnsupportedFormat  not one of the listed formats
    │   │   ├── DamagedImage       truncated, empty, or not what it claims to be
    │   │   └── LimitExceeded      more bytes, pixels or frames than allowed
    │   ├── NoFaceFound            a face was needed and none was found
    │   └── InvalidValue           an argument, option or setting makes no sense
    ├── RefusedError               the policy owner: not allowed here; carries reasons
    ├── ConflictError              the caller: the present state forbids it
    │   ├── ContractMismatch       two templates that must not be compared
    │   └── OperatingPointUnsupported  no evidence for the rate that was asked for
    └── DependencyError            the operator: a part we rely on is not working
        ├── DeviceMissing          the device that was asked for is not there
        ├── ModelRefused           a model file is not what its manifest says
        └── DependencyMissing      an optional package is not installed

Grouped by who must act. ``code`` is stable and fit for programs; ``remedy`` is one a person can follow.
No error knows HTTP, and no error holds pixels, features, names or keys.
"""

from __future__ import annotations

from typing import ClassVar


class FacewardError(Exception):
    """The root: every error faceward raises on purpose."""

    code: ClassVar[str] = "error"
    remedy: str = "See the documentation of this error code."

    def __init__(self, cause: str, *, remedy: str | None = None) -> None:
        super().__init__(cause)
        self.cause = cause
        if remedy is not None:
            self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.cause} {self.remedy}"

    def __reduce__(self) -> tuple[object, ...]:
        """Survive the way back from a worker process, remedy included."""
        return _rebuild, (type(self), self.cause, self.remedy)


def _rebuild(kind: type[FacewardError], cause: str, remedy: str) -> FacewardError:
    return kind(cause, remedy=remedy)


class InputError(FacewardError):
    """The caller must send something else."""

    code = "input"
    remedy = "Send something else."


class ImageError(InputError):
    """The file or array is not a usable photo."""

    code = "image"
    remedy = "Send a photo that other programs open without a warning."


class UnsupportedFormat(ImageError):
    """The content is not one of the formats that are opened at all."""

    code = "image_format_unsupported"
    remedy = "Send JPEG, PNG, WebP, BMP, TIFF, or HEIC with the extra faceward[heic]."


class DamagedImage(ImageError):
    """The file is empty, cut short, or not what it claims to be."""

    code = "image_damaged"
    remedy = "Export or transfer the photo again."


class LimitExceeded(ImageError):
    """The image has more bytes, pixels or frames than the limits allow."""

    code = "image_limit_exceeded"
    remedy = "Send a smaller image, or raise the limit in the settings."


class NoFaceFound(InputError):
    """A face was needed and none was found; the cause says what was tried."""

    code = "no_face"
    remedy = "Send a photo in which the face is upright, lit and at least 16 px wide."


class InvalidValue(InputError):
    """An argument, option or setting makes no sense."""

    code = "value_invalid"
    remedy = "See the documentation for the values that are allowed."


class RefusedError(FacewardError):
    """Not allowed here; ``reasons`` are fit for the caller to read."""

    code = "refused"
    remedy = "Ask whoever owns the policy of this installation."

    def __init__(self, cause: str, *, reasons: tuple[str, ...] = (), remedy: str | None = None) -> None:
        super().__init__(cause, remedy=remedy)
        self.reasons = reasons

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild_refusal, (type(self), self.cause, self.reasons, self.remedy)


def _rebuild_refusal(
    kind: type[RefusedError], cause: str, reasons: tuple[str, ...], remedy: str
) -> RefusedError:
    return kind(cause, reasons=reasons, remedy=remedy)


class ConflictError(FacewardError):
    """The present state forbids it."""

    code = "conflict"
    remedy = "Look at the present state and try again."


class ContractMismatch(ConflictError):
    """Two templates were made by different models, precision or preprocessing."""

    code = "contract_mismatch"
    remedy = "Make both templates again from the photos with one model and one precision."


class OperatingPointUnsupported(ConflictError):
    """There is no evidence for the false match rate that was asked for."""

    code = "operating_point_unsupported"
    remedy = "Ask for a rate the calibration supports, or calibrate on more data."


class DependencyError(FacewardError):
    """A part we rely on is not working; the operator must act."""

    code = "dependency"
    remedy = "Run `faceward doctor` and follow what it says."


class DeviceMissing(DependencyError):
    """The device that was asked for is not there; there is no quiet fallback."""

    code = "device_missing"
    remedy = "Name a device that `faceward doctor` lists, or install its driver."


class ModelRefused(DependencyError):
    """A model file is not what its manifest says, or is of a kind we do not run."""

    code = "model_refused"
    remedy = "Install the model again from its source, then run `faceward models verify`."


class DependencyMissing(DependencyError):
    """An optional package is needed and not installed."""

    code = "dependency_missing"
    remedy = "Install the extra that the message names."
