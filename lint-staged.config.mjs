export default {
  '*.{ts,mjs,json}': 'biome check --write --no-errors-on-unmatched',
  // Types are of the whole project, whichever files are staged.
  '*.ts': () => 'tsc --noEmit',
}
