"""faceward taken apart: what each stage takes, and the floor under it, on the same networks.

The floor of a photo is what cannot be saved without another design: reading and decoding the file once, by
the same library at the finest scale that was used, and the very runs of the networks that the pipeline made
for it, same pixels, same order. What the pipeline takes beyond it is our own code.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.contenders.serving import Answer, Box, pin, serve, template_timer


def main() -> None:
    """Serve wholes with their stages, and floors; arguments: cores, precision."""
    cores, precision = sys.argv[1:]
    pin(cores)
    import simplejpeg

    from benchmarks.observation import Observer
    from faceward import wiring
    from faceward.errors import NoFaceFound
    from faceward.settings import Settings

    observer = Observer()
    recogniser = observer.watch(wiring.connect(Settings(precision=precision, streams=1)))
    floors: dict[str, Callable[[], None]] = {}

    def template(photo: str) -> Box:
        face = recogniser.portrait(recogniser.open(photo)).face
        left, top = face.box_xyxy[:2]
        return (left, top, face.width, face.height)

    timed = template_timer(template, NoFaceFound)

    def whole(photo: str) -> Answer:
        observer.forget()
        answer = timed(photo)
        return {**answer, "stages": observer.seconds}

    def record(photo: str) -> Answer:
        observer.forget()
        observer.recording = True
        timed(photo)
        observer.recording = False
        runs, (height, width) = tuple(observer.runs), max(observer.rasters)

        def floor() -> None:
            data = Path(photo).read_bytes()
            simplejpeg.decode_jpeg_header(data)
            simplejpeg.decode_jpeg(data, "RGB", min_height=height, min_width=width)
            for _, network, images in runs:
                network.run(images)

        floors[photo] = floor
        return {
            "decodes": len(observer.rasters),
            "decoded": [width, height],
            "runs": [[name, *images.shape[:3]] for name, _, images in runs],
        }

    def floor(photo: str) -> Answer:
        started = time.perf_counter()
        floors[photo]()
        return {"seconds": time.perf_counter() - started, "box": None}

    serve({"template": whole, "record": record, "floor": floor})


if __name__ == "__main__":
    main()
