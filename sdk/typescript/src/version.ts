/** Version of this package; a unit test keeps it equal to package.json. */
export const SDK_VERSION = '0.2.0';
