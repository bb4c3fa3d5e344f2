"""face_recognition with its defaults on the largest face. Runs in its own environment.

The defaults are the HOG detector, one upsampling and the small landmark model.
"""

from __future__ import annotations

import sys
import time

from benchmarks.contenders.serving import Answer, Box, pin, serve, template_timer


def main() -> None:
    """Serve templates, and the stages that its public functions let one tell apart."""
    pin(sys.argv[1])
    import face_recognition  # type: ignore[import-not-found]

    def template(photo: str) -> Box:
        pixels = face_recognition.load_image_file(photo)
        places = face_recognition.face_locations(pixels)
        if not places:
            raise LookupError
        top, right, bottom, left = max(places, key=lambda box: (box[2] - box[0]) * (box[1] - box[3]))
        face_recognition.face_encodings(pixels, [(top, right, bottom, left)])
        return (left, top, right - left, bottom - top)

    def stages(photo: str) -> Answer:
        started = time.perf_counter()
        pixels = face_recognition.load_image_file(photo)
        decoded = time.perf_counter()
        face_recognition.face_locations(pixels)
        return {"decode": decoded - started, "detector": time.perf_counter() - decoded}

    serve({"template": template_timer(template, LookupError), "stages": stages})


if __name__ == "__main__":
    main()
