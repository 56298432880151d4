"""The doors to geometry: solids, meshes, plane regions, text; everything heavy is imported when first used."""
