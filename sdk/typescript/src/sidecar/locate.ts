import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ReseolioError } from '../errors.js';

/**
 * Path of the sidecar's executable: `path`, `RESEOLIO_BIN`, the bundled one, `reseolio` on the PATH; the first of them
 * that is given is the one, a wrong one is not passed over.
 *
 * @throws ReseolioError `sidecar_not_found`, saying where it looked.
 */
export function locateSidecar(path?: string, env: NodeJS.ProcessEnv = process.env): string {
  if (path !== undefined) return mustExist(path, 'the option sidecar.path');
  if (env.RESEOLIO_BIN) return mustExist(env.RESEOLIO_BIN, 'the environment variable RESEOLIO_BIN');
  const bundled = join(packageRoot(), 'sidecar', 'bin', 'reseolio');
  if (isExecutable(bundled)) return bundled;
  for (const folder of (env.PATH ?? '').split(delimiter)) {
    const candidate = join(folder, 'reseolio');
    if (folder !== '' && isExecutable(candidate)) return candidate;
  }
  throw new ReseolioError(
    'sidecar_not_found',
    `no sidecar found: the option sidecar.path and RESEOLIO_BIN are not set, there is none at ${bundled} and no ` +
      '"reseolio" on the PATH; set one of them, or give the address of a running sidecar as `address`',
  );
}

function mustExist(path: string, where: string): string {
  if (isExecutable(path)) return path;
  throw new ReseolioError('sidecar_not_found', `${where} names ${path}, which is not an executable file`);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The folder of this package: the nearest one upwards with a package.json. */
function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}
