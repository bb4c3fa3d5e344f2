"""Without its extra, the ONNX Runtime adapter says which one to install."""

from __future__ import annotations

import subprocess
import sys


def test_a_missing_extra_is_named():
    """The adapter itself can be imported; only its use needs the library."""
    code = (
        "import sys; sys.modules['onnxruntime'] = None\n"
        "from faceward.adapters.runtime.onnx_runtime import OnnxRuntimeRuntime\n"
        "from faceward.errors import DependencyMissing\n"
        "try: OnnxRuntimeRuntime().devices()\n"
        "except DependencyMissing as error: print(error.remedy)\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert "faceward[onnxruntime]" in run.stdout


def test_importing_the_adapters_imports_no_runtime():
    """`import faceward` must stay fast."""
    code = (
        "import sys\n"
        "import faceward.adapters.runtime.onnx_runtime, faceward.adapters.runtime.openvino\n"
        "import faceward.adapters.model_source.added\n"
        "print([name for name in ('onnxruntime', 'openvino', 'onnx') if name in sys.modules])\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert run.stdout.strip() == "[]"
