// Writes sbom.cdx.json: what the published package needs at run time. `npm sbom --omit dev` leaves out a package that a development
// dependency needs too, so all are asked for and those of development taken out.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

const args = ['sbom', '--package-lock-only', '--sbom-format', 'cyclonedx'];
const sbom = JSON.parse(execFileSync('npm', args, { encoding: 'utf8', maxBuffer: 1 << 26, stdio: ['ignore', 'pipe', 'ignore'] }));
const development = ({ properties = [] }) => properties.some(({ name }) => name === 'cdx:npm:package:development');
sbom.components = sbom.components.filter((component) => !development(component));
const kept = new Set([sbom.metadata.component, ...sbom.components].map((component) => component['bom-ref']));
sbom.dependencies = sbom.dependencies
  .filter(({ ref }) => kept.has(ref))
  .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter((one) => kept.has(one)) }));
const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
for (const name of Object.keys(dependencies)) {
  if (!sbom.components.some((component) => component.name === name)) throw new Error(`${name} is missing in the list`);
}
writeFileSync('sbom.cdx.json', `${JSON.stringify(sbom, null, 1)}\n`);
