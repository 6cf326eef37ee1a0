"""Upload of alerts to a CoMapeo archive server, which sends them to the phones of its project.

https://github.com/digidem/comapeo-cloud: `GET` and `POST /projects/ID/remoteDetectionAlerts`, `GET /projects`.
"""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from lindero.layers.errors import N_, ServiceError
from lindero.layers.services.connection.http import HostClient

_PROJECT = re.compile(r"[0-9A-Za-z]{52}")
Alert = Mapping[str, object]
"""`detectionDateStart`, `detectionDateEnd` (instants), `sourceId`, `metadata` (plain values), `geometry` (GeoJSON)."""


class Archive:
    """A project on an archive server."""

    def __init__(self, web: HostClient, url: str, project: str = "") -> None:
        self._web, self._root = web, url.rstrip("/")
        self.project = project or self._find_project()
        if not _PROJECT.fullmatch(self.project):
            raise ServiceError(
                N_("'{project}' is not the id of a CoMapeo project; such an id has 52 characters"), project=self.project
            )

    def fetch_alert_ids(self) -> set[str]:
        """Return the `sourceId` of every alert of the project, including deleted ones, which must not be sent again."""
        return {str(alert.get("sourceId", "")) for alert in self._fetch_records(self._alerts)}

    def add(self, alert: Alert) -> None:
        """Add an alert to the project."""
        body = json.dumps(alert, ensure_ascii=False, allow_nan=False).encode()
        self._web.post(self._alerts, body, kind="application/json")

    @property
    def _alerts(self) -> str:
        return f"{self._root}/projects/{quote(self.project)}/remoteDetectionAlerts"

    def _find_project(self) -> str:
        projects = self._fetch_records(f"{self._root}/projects")
        if len(projects) == 1:
            return str(projects[0].get("projectId", ""))
        if not projects:
            raise ServiceError(
                N_("{host} has no project. Add a project to this archive server in CoMapeo"), host=self._web.host
            )
        names = ", ".join(f"{project.get('projectId')} ({project.get('name', '')})" for project in projects)
        raise ServiceError(
            N_("{host} has these projects: {projects}. Choose one with --project"), host=self._web.host, projects=names
        )

    def _fetch_records(self, url: str) -> list[dict[str, Any]]:
        try:
            records = json.loads(self._web.get(url, accept="application/json"))["data"]
            return [dict(record) for record in records]
        except (ValueError, KeyError, TypeError) as error:
            raise ServiceError(
                N_("{host} does not answer like a CoMapeo archive server; check the address"), host=self._web.host
            ) from error
