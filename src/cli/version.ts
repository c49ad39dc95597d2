/** Version of the package; `build_npm.ts` fails if package.json has another. */
export const VERSION = "0.1.0";
