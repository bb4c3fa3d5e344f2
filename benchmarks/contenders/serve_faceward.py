"""faceward in its default configuration, exactly as `wiring.connect` puts it together."""

from __future__ import annotations

import sys
import time
from concurrent.futures import ThreadPoolExecutor

from benchmarks.contenders.serving import Answer, Box, pin, serve, template_timer


def main() -> None:
    """Serve templates one at a time, and many from several threads; arguments: cores, precision, streams."""
    cores, precision, streams = sys.argv[1:]
    pin(cores)
    from faceward import wiring
    from faceward.errors import NoFaceFound
    from faceward.settings import Settings

    recogniser = wiring.connect(Settings(precision=precision, streams=int(streams))).recogniser

    def template(photo: str) -> Box:
        face = recogniser.portrait(recogniser.open(photo)).face
        left, top = face.box_xyxy[:2]
        return (left, top, face.width, face.height)

    one = template_timer(template, NoFaceFound)

    def many(photos: list[str], threads: int) -> Answer:
        with ThreadPoolExecutor(threads) as pool:
            started, computing = time.perf_counter(), time.process_time()
            for _ in pool.map(one, photos):
                pass
            return {
                "seconds": time.perf_counter() - started,
                "computing_seconds": time.process_time() - computing,
            }

    serve({"template": one, "many": many})


if __name__ == "__main__":
    main()
