"""Files on the disk: builds, checksums, locks, temporary folders, and folders that are replaced in one step."""
