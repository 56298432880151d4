"""What each material looks like in pictures and 3D views."""

from __future__ import annotations

from geometry.render import Look

_METAL = 0.40
LOOKS = {
    "brass-cuzn39pb3": Look((0.86, 0.68, 0.34), 1.0, _METAL),
    "copper": Look((0.80, 0.49, 0.36), 1.0, _METAL),
    "al-6082": Look((0.83, 0.85, 0.87), 1.0, _METAL),
    "al-6061": Look((0.83, 0.85, 0.87), 1.0, _METAL),
    "al-7075": Look((0.80, 0.82, 0.84), 1.0, _METAL),
    "steel-s235": Look((0.62, 0.64, 0.67), 1.0, 0.5),
    "pom": Look((0.93, 0.93, 0.90), 0.0, 0.5),
    "pmma": Look((0.80, 0.88, 0.92), 0.0, 0.2),
    "petg": Look((0.28, 0.50, 0.62), 0.0, 0.5),
    "pla": Look((0.88, 0.48, 0.26), 0.0, 0.6),
    "abs": Look((0.42, 0.44, 0.47), 0.0, 0.6),
    "asa": Look((0.42, 0.47, 0.42), 0.0, 0.7),
}
PLAIN = Look((0.75, 0.75, 0.72), 0.0, 0.6)


def look(material_id: str) -> Look:
    """The look of a material; a plain grey when it has none of its own."""
    return LOOKS.get(material_id, PLAIN)
