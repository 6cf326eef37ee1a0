"""
What QGIS finds in what Lindero writes, and how it draws it: run by the system's Python, for which Debian packages QGIS.

Takes a project, a GeoPackage, the address of a server and the picture to draw, and tells on standard output, as JSON.
"""

import json
import sys

from qgis.core import (
    QgsApplication,
    QgsMapRendererSequentialJob,
    QgsMapSettings,
    QgsProject,
    QgsVectorLayer,
)
from qgis.gui import QgsMapCanvas
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor

WIDE, HIGH = 450, 300


def told(layer):
    """What a layer is, how many rows it has, how it is drawn, and what its columns and codes are called."""
    if not layer.isValid():
        return {"is_valid": False}
    renderer = layer.renderer()
    categories = renderer.categories() if renderer.type() == "categorizedSymbol" else []
    maps = {}
    for at, field in enumerate(layer.fields()):
        setup = layer.editorWidgetSetup(at)
        if setup.type() == "ValueMap":
            pairs = setup.config()["map"]
            maps[field.name()] = {value: word for pair in pairs for word, value in pair.items()}
    return {
        "is_valid": True,
        "rows": sum(1 for _ in layer.getFeatures()),
        "crs": layer.crs().authid(),
        "drawn_by": renderer.type(),
        "classes": {category.value(): category.label() for category in categories},
        "aliases": {field.name(): field.alias() for field in layer.fields()},
        "codes": maps,
        "names": sorted(str(row["name"]) for row in layer.getFeatures() if "name" in layer.fields().names()),
        "rights": layer.metadata().rights(),
    }


def drawn(project, view, picture):
    """Draw a project where it opens; gives how many pixels are of each colour, the most frequent first."""
    settings = QgsMapSettings()
    settings.setLayers([layer for layer in project.layerTreeRoot().layerOrder() if layer.isValid()])
    settings.setDestinationCrs(project.crs())
    settings.setExtent(view)
    settings.setOutputSize(QSize(WIDE, HIGH))
    settings.setFlag(QgsMapSettings.Antialiasing, False)  # noqa: FBT003  a colour is that colour, also of a thin line
    settings.setBackgroundColor(QColor(project.backgroundColor()))
    job = QgsMapRendererSequentialJob(settings)
    job.start()
    job.waitForFinished()
    image = job.renderedImage()
    image.save(picture)
    counts = {}
    for x in range(WIDE):
        for y in range(HIGH):
            name = image.pixelColor(x, y).name()
            counts[name] = counts.get(name, 0) + 1
    return dict(sorted(counts.items(), key=lambda one: -one[1]))


def main(project_file, package, address, picture):
    """Open all, and tell."""
    application = QgsApplication([], True)  # noqa: FBT003  as QGIS has it
    application.initQgis()
    canvas = QgsMapCanvas()  # as the window's, which opens where the project says
    canvas.setObjectName("theMapCanvas")
    project = QgsProject.instance()
    is_read = project.read(project_file)
    root = project.layerTreeRoot()
    found = {
        "is_read": is_read,
        "title": project.title(),
        "groups": {group.name(): [one.layer().name() for one in group.findLayers()] for group in root.findGroups()},
        "layers": {layer.name(): told(layer) for layer in project.mapLayers().values()},
        "colours": drawn(project, canvas.extent(), picture),
        "package": told(QgsVectorLayer(f"{package}|layername=concessions", "concessions", "ogr")),
        "live": told(QgsVectorLayer(f"url='{address}/ogc' typename='concessions'", "concessions", "OAPIF")),
    }
    sys.stdout.write(json.dumps(found))
    sys.stdout.flush()
    canvas.setLayers([])
    project.clear()
    application.exitQgis()


if __name__ == "__main__":
    main(*sys.argv[1:])
