/** The layer with pandas and pyarrow, built on this machine by pip for Lambda's Linux: no Docker. */
import { execFileSync } from 'node:child_process'
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { AssetHashType, DockerImage } from 'aws-cdk-lib'
import { Code } from 'aws-cdk-lib/aws-lambda'

const packages = ['pandas==2.3.3', 'numpy==2.2.6', 'pyarrow==24.0.0']
/** Lambda takes 250 MB of code and layers: what no function needs stays out. */
const leftOut = [/^tests$/, /^include$/, /^__pycache__$/, /\.pyx$/, /\.pxi$/, /^libarrow_(flight|substrait)/]

/** `pythonVersion` as `3.12`. */
export function pandasLayerCode(pythonVersion: string): Code {
  return Code.fromAsset('functions/check_quality', {
    assetHashType: AssetHashType.CUSTOM,
    assetHash: [...packages, pythonVersion].join(' '),
    bundling: {
      image: DockerImage.fromRegistry('public.ecr.aws/sam/build-python3.12'),
      local: {
        tryBundle(outputFolder) {
          install(join(outputFolder, 'python'), pythonVersion)
          leaveOut(outputFolder)
          return true
        },
      },
    },
  })
}

function install(folder: string, pythonVersion: string): void {
  const wheels = ['--only-binary=:all:', '--platform=manylinux_2_28_x86_64', '--platform=manylinux2014_x86_64']
  const given = ['--quiet', '--disable-pip-version-check', '--no-compile', '--target', folder]
  execFileSync(
    'python3',
    ['-m', 'pip', 'install', ...given, ...wheels, `--python-version=${pythonVersion}`, ...packages],
    // What pip has to say is told if it fails.
    { stdio: 'pipe' },
  )
}

function leaveOut(folder: string): void {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (leftOut.some((name) => name.test(entry.name))) {
      rmSync(join(entry.parentPath, entry.name), { recursive: true, force: true })
    }
  }
}
