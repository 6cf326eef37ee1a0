// A FeatureServer with one layer, from a GeoJSON file: node server.js FILE PORT. It listens on loopback alone.
const fs = require('node:fs')
const express = require('express')
const featureServer = require('@koopjs/featureserver')

const [file, port] = process.argv.slice(2)
const layer = JSON.parse(fs.readFileSync(file))
layer.metadata = { id: 0, name: 'Catastro', idField: 'OBJECTID', maxRecordCount: 500, geometryType: 'Polygon' }
const server = { layers: [layer] }

const app = express()
app.get('/FeatureServer', (request, response) => featureServer.serverInfo(request, response, server))
app.get('/FeatureServer/0', (request, response) => featureServer.layerInfo(request, response, layer))
app.get('/FeatureServer/0/query', (request, response) => featureServer.query(request, response, structuredClone(layer)))
app.listen(Number(port), '127.0.0.1')
