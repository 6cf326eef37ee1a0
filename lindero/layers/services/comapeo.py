"""
Alerts handed to a CoMapeo archive server, which brings them to the phones of its project.

https://github.com/digidem/comapeo-cloud: `GET` and `POST /projects/ID/remoteDetectionAlerts`, `GET /projects`.
"""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from lindero.layers.errors import N_, ServiceError
from lindero.layers.services.connection.http import Web

_PROJECT = re.compile(r"[0-9A-Za-z]{52}")
Alert = Mapping[str, object]
"""`detectionDateStart`, `detectionDateEnd` (instants), `sourceId`, `metadata` (plain values), `geometry` (GeoJSON)."""


class Archive:
    """
    A project on an archive server.

    Parameters
    ----------
    web
        The server's host, with the token that it knows.
    url
        Its address.
    project
        The project's public id; without it, the one that the server has.

    Raises
    ------
    ServiceError
        If the server cannot be reached or refuses, has no project, several, or none of this id.
    """

    def __init__(self, web: Web, url: str, project: str = "") -> None:
        self._web, self._root = web, url.rstrip("/")
        self.project = project or self._only()
        if not _PROJECT.fullmatch(self.project):
            raise ServiceError(N_("{project} is no id of a CoMapeo project: it has 52 letters"), project=self.project)

    def known(self) -> set[str]:
        """Give the `sourceId` of each alert that the project has, deleted ones too: those are not sent again."""
        return {str(alert.get("sourceId", "")) for alert in self._listed(self._alerts)}

    def add(self, alert: Alert) -> None:
        """Add an alert to the project."""
        body = json.dumps(alert, ensure_ascii=False, allow_nan=False).encode()
        self._web.post(self._alerts, body, kind="application/json")

    @property
    def _alerts(self) -> str:
        return f"{self._root}/projects/{quote(self.project)}/remoteDetectionAlerts"

    def _only(self) -> str:
        projects = self._listed(f"{self._root}/projects")
        if len(projects) == 1:
            return str(projects[0].get("projectId", ""))
        names = ", ".join(f"{one.get('projectId')} ({one.get('name', '')})" for one in projects) or "-"
        raise ServiceError(
            N_("{host} has these projects: {projects}. Name one with --project"), host=self._web.host, projects=names
        )

    def _listed(self, url: str) -> list[dict[str, Any]]:
        try:
            records = json.loads(self._web.get(url, accept="application/json"))["data"]
            return [dict(one) for one in records]
        except (ValueError, KeyError, TypeError) as error:
            raise ServiceError(N_("{host} does not answer as a CoMapeo archive server"), host=self._web.host) from error
