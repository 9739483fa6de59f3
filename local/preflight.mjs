// Plain JavaScript, loaded before anything else: it has to run on a Node that cannot run the rest.
const NEEDED_MAJOR = 24

const major = Number(process.versions.node.split('.')[0])
if (major < NEEDED_MAJOR) {
  process.stderr.write(
    `Strongbox runs on Node ${NEEDED_MAJOR}, which npm installs with it; this is Node ${process.versions.node}.\n` +
      'Run `npm ci` again, with install scripts allowed, or use your own Node 24.\n',
  )
  process.exit(1)
}
