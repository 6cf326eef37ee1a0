"""From one received file to rows for the map: read, mapped, located, checked, accounted for."""
