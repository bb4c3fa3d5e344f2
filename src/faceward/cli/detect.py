"""``faceward detect``: photos and folders in, the faces of each and what they are fit for out."""

from __future__ import annotations

import argparse
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from faceward.adapters.drawing.annotation import Mark, annotated_png
from faceward.cli import schemas
from faceward.cli.arguments import Parser, common, engine, selection, settings
from faceward.cli.exits import AboutFile, Exit, described, report
from faceward.cli.files import PhotoFile, PhotoFiles, photo_files, write
from faceward.cli.output import Output, counted, file_name
from faceward.core.detection import Selection
from faceward.errors import FacewardError, InputError, InvalidValue, NoFaceFound
from faceward.recognition.recogniser import Recogniser, Sighting

# Longest side of an annotated picture in pixels: more than a screen shows. Our number.
_PICTURE_SIDE = 2048


def parser() -> Parser:
    """What the verb understands."""
    it = Parser(prog="faceward detect", description="Find the faces in photos and say what each is fit for.")
    it.add_argument("paths", nargs="+", metavar="PATH", help="a photo, or a folder with all that is in it")
    selection(it, default=None)
    it.add_argument(
        "--annotate", metavar="OUT", help="write a PNG with the faces drawn in; a folder for several photos"
    )
    it.add_argument("--force", action="store_true", help="replace files that are there already")
    engine(it)
    common(it)
    return it


@dataclass(frozen=True, slots=True)
class _Seen:
    """What one photo showed, or why it could not be opened."""

    file: PhotoFile
    width: int = 0
    height: int = 0
    faces: tuple[Sighting, ...] = ()
    picture: bytes | None = None
    error: FacewardError | None = None


def run(arguments: argparse.Namespace, out: Output) -> int:
    """Find faces. One file that cannot be opened costs that file, and exit code 2 at the end.

    Raises:
        InputError: There is no photo at all, or an option makes no sense.
        DependencyError: The networks do not run.
    """
    from faceward import wiring

    photos = photo_files(arguments.paths)
    if not photos.files:
        raise InputError(
            f"There is no photo here; {counted(photos.others, 'other file')} left alone.",
            remedy="Name a photo, or a folder with JPEG, PNG, WebP, BMP, TIFF or HEIC files.",
        )
    target = _target(arguments.annotate, photos)
    recogniser = wiring.connect(settings(arguments)).recogniser
    which = None if arguments.which is None else Selection(arguments.which)
    if not photos.many:
        return _one(
            _look(recogniser, photos.files[0], which, target is not None), target, arguments.force, out
        )
    faces = unread = 0
    workers = wiring.workers()
    with out.progress("Looking for faces", len(photos.files)) as progress:
        calls = (
            lambda file=file: _look(recogniser, file, which, target is not None) for file in photos.files
        )
        for seen in _in_order(calls, workers):
            # The whole name stays, for a.jpg and a.png may lie side by side.
            place = target and target / seen.file.below.parent / f"{seen.file.below.name}.png"
            problem = seen.error or _kept(seen, place, arguments.force)
            if problem is not None:
                unread += 1
                _failed(seen, problem, out)
            else:
                faces += len(seen.faces)
                _shown(seen, out)
            progress.advance()
    out.line()
    aside = f"; {counted(photos.others, 'other file')} left alone" if photos.others else ""
    out.line(f"{counted(len(photos.files), 'photo')}, {counted(faces, 'face')}, {unread} not read{aside}.")
    return Exit.INPUT if unread else Exit.DONE


def _one(seen: _Seen, target: Path | None, force: bool, out: Output) -> int:
    problem = seen.error or _kept(seen, target, force)
    if problem is not None:
        raise AboutFile(seen.file.path, problem)
    _shown(seen, out)
    if target is not None:
        out.note(f"The annotated picture is {target}.")
    return Exit.DONE


def _look(recogniser: Recogniser, file: PhotoFile, which: Selection | None, draw: bool) -> _Seen:
    try:
        photo = recogniser.open(file.path)
        faces = recogniser.sightings(photo, which)
        if not draw:
            return _Seen(file, photo.width, photo.height, faces)
        raster = photo.raster(_PICTURE_SIDE)
        scale = min(1.0, _PICTURE_SIDE / max(photo.width, photo.height))
        small = raster.resized(max(1, round(photo.width * scale)), max(1, round(photo.height * scale)))
        picture = annotated_png(small.pixels(), scale, [_mark(n, it) for n, it in enumerate(faces, 1)])
    except FacewardError as error:
        return _Seen(file, error=error)
    return _Seen(file, photo.width, photo.height, faces, picture)


def _mark(number: int, it: Sighting) -> Mark:
    words = [str(finding.component).replace("_", " ") for finding in it.usability.findings]
    verdict = f"check {', '.join(words)}" if words else "usable"
    return Mark(it.face, (f"{number}  {it.face.detection_score:.2f}", verdict), it.usability.usable)


def _in_order(calls: Iterable[object], workers: int) -> Iterator[_Seen]:
    """Run calls on threads and give their results in order, never many ahead of what was taken."""
    waiting: deque[Future[_Seen]] = deque()
    with ThreadPoolExecutor(workers) as pool:
        try:
            for call in calls:
                waiting.append(pool.submit(call))  # type: ignore[arg-type]
                if len(waiting) > 2 * workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _target(annotate: str | None, photos: PhotoFiles) -> Path | None:
    if annotate is None:
        return None
    target = Path(annotate)
    if photos.many:
        if target.suffix.lower() == ".png" or (target.exists() and not target.is_dir()):
            raise InvalidValue(
                f"--annotate names a file for {len(photos.files)} photos.", remedy="Name a folder."
            )
        return target
    if target.is_dir():
        return target / f"{photos.files[0].below.name}.png"
    if target.suffix.lower() != ".png":
        raise InvalidValue(
            "--annotate writes PNG, and the name ends otherwise.", remedy="Give a name that ends in .png."
        )
    return target


def _kept(seen: _Seen, path: Path | None, force: bool) -> FacewardError | None:
    """Write the annotated picture, and give the error if that fails."""
    if path is None or seen.picture is None:
        return None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path, seen.picture, replace=force, private=False)
    except AboutFile as problem:
        return problem.error
    except OSError as error:
        return InputError(f"The folder cannot be made: {error.strerror}.", remedy="Name another folder.")
    return None


def _failed(seen: _Seen, problem: FacewardError, out: Output) -> None:
    path = file_name(seen.file.path)
    if out.json:
        out.document({"schema": "faceward/detect/1", "path": path, "error": described(problem)})
    else:
        report(problem, out, path)


def _shown(seen: _Seen, out: Output) -> None:
    out.document(
        {
            "schema": "faceward/detect/1",
            "path": file_name(seen.file.path),
            "width": seen.width,
            "height": seen.height,
            "faces": [schemas.face(it.face, it.usability) for it in seen.faces],
        }
    )
    if out.json:
        return
    count = counted(len(seen.faces), "face") if seen.faces else "no face"
    out.line(f"{file_name(seen.file.path)}: {seen.width} × {seen.height} px, {count}")
    if not seen.faces:
        out.line(f"  {NoFaceFound.remedy}")
        return
    columns = (
        ">face",
        ">score",
        ">eyes px",
        ">yaw°",
        ">pitch°",
        ">roll°",
        "box (left top right bottom)",
        "usable",
    )
    out.table(columns, (_row(number, it) for number, it in enumerate(seen.faces, 1)), indent="  ")
    for number, it in enumerate(seen.faces, 1):
        for finding in it.usability.findings:
            out.line(f"  face {number}: {finding.cause} {finding.remedy}")


def _row(number: int, it: Sighting) -> tuple[str, ...]:
    quality, pose = it.usability.quality, it.usability.quality.pose
    box = " ".join(f"{edge:.0f}" for edge in it.face.box_xyxy)
    return (
        str(number),
        f"{it.face.detection_score:.2f}",
        f"{quality.inter_eye_distance:.0f}",
        *(f"{angle:+.0f}" for angle in (pose.yaw_degrees, pose.pitch_degrees, pose.roll_degrees)),
        box,
        "yes" if it.usability.usable else "no",
    )
