/**
 * Throws where Node is older than the first version with the fixes that the mesh needs (G28); the
 * npm package `node` brings the right one to every script that npm runs.
 */
export function checkNodeVersion(version: string = process.versions.node): void {
  const parts = version.split(".").map(Number);
  const differs = oldest.findIndex((part, place) => part !== parts[place]);
  if (differs === -1 || (parts[differs] ?? 0) > oldest[differs]!) return;
  const wanted = oldest.join(".");
  throw new Error(`Node ${version} is too old: ${wanted} or later is needed. Start it with npm.`);
}

const oldest = [24, 14, 1] as const;
