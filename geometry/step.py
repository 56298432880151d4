"""Writes a solid as a STEP file whose bytes depend on the solid alone."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import cadquery as cq

_TIME = b"1970-01-01T00:00:00"


def step(shape: cq.Shape, name: str) -> bytes:
    """AP214 text in millimetres; the product is called ``name`` (ASCII letters, digits, - and _).

    The kernel writes the time of day and a running number into the file; both are taken out.

    Raises:
        ValueError: The kernel could not write the shape.
    """
    from OCP.IFSelect import IFSelect_ReturnStatus
    from OCP.Interface import Interface_Static
    from OCP.STEPControl import STEPControl_StepModelType, STEPControl_Writer

    writer = STEPControl_Writer()
    Interface_Static.SetCVal_s("write.step.unit", "MM")
    Interface_Static.SetCVal_s("write.step.schema", "AP214IS")
    Interface_Static.SetIVal_s("write.surfacecurve.mode", 0)
    writer.Transfer(shape.wrapped, STEPControl_StepModelType.STEPControl_AsIs)
    stream = io.BytesIO()
    if writer.WriteStream(stream) != IFSelect_ReturnStatus.IFSelect_RetDone:
        msg = f"the kernel could not write {name} as STEP"
        raise ValueError(msg)
    text = stream.getvalue()
    text = re.sub(
        rb"(FILE_NAME\(\s*)'[^']*',\s*'[^']*'", rb"\1'" + name.encode("ascii") + rb"','" + _TIME + b"'", text, count=1
    )
    return re.sub(
        rb"(=\s*PRODUCT\(\s*)'[^']*',\s*'[^']*'",
        rb"\1'" + name.encode("ascii") + rb"','" + name.encode("ascii") + b"'",
        text,
    )
