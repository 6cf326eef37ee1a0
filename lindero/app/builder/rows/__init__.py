"""From a received file to rows for the map: read, mapped, located, checked, and accounted for."""
