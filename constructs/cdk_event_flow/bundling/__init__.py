"""A function's code as a zip: byte-for-byte reproducible, built by uv without Docker, cached by content.

`compose` bundles for Lambda at synth, `local` for this machine; both call `bundle`.
"""

from .bundle import Bundle, bundle, bundle_layer, unpack
from .image import image_folder
from .platform import Platform
from .ready import problems_of_code, size_of, size_problems
from .source import Source, no_folder

__all__ = [
    "Bundle",
    "Platform",
    "Source",
    "bundle",
    "bundle_layer",
    "image_folder",
    "no_folder",
    "problems_of_code",
    "size_of",
    "size_problems",
    "unpack",
]
