"""Photos of customers: looked at by what they are, and written anew, so that nothing else is in them."""

import io

from PIL import Image, ImageOps, UnidentifiedImageError

# Odoo loads the kinds it needs only: these must be there.
from PIL import JpegImagePlugin, PngImagePlugin, WebPImagePlugin  # noqa: F401 isort:skip

MAX_PHOTOS = 5
MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 50_000_000
LONGEST = 2400
KINDS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}


class PhotoError(ValueError):
    """Why a photo is not taken: ``big``, ``kind`` or ``pixels``."""


def clean(content: bytes) -> tuple[str, str, bytes]:
    """Return ``(mimetype, ending, content)`` of the picture, turned upright and without what a phone adds.

    It is drawn again from its pixels: no place, no name of the camera, nothing hidden behind the picture.
    """
    if len(content) > MAX_BYTES:
        raise PhotoError("big")
    try:
        image = Image.open(io.BytesIO(content), formats=list(KINDS))
        kind = image.format
        if image.width * image.height > MAX_PIXELS:
            raise PhotoError("pixels")
        image.load()
        image = ImageOps.exif_transpose(image)
        image.thumbnail((LONGEST, LONGEST))
        see_through = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
        pixels = image.convert("RGBA" if see_through and kind != "JPEG" else "RGB")
    except PhotoError:
        raise
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError) as error:
        raise PhotoError("kind") from error
    fresh = Image.frombytes(pixels.mode, pixels.size, pixels.tobytes())
    written = io.BytesIO()
    fresh.save(written, format=kind, quality=85)
    return KINDS[kind], {"JPEG": "jpg"}.get(kind, kind.lower()), written.getvalue()
