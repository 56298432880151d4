"""The papers of a workshop: traveler, route and operation cards, lists, inspection plan, packing slip."""
