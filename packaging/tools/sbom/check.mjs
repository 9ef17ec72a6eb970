// Holds lists of what is in a binary against the schema of CycloneDX.
import { readFileSync } from 'node:fs'
import { Validation } from '@cyclonedx/cyclonedx-library'

for (const file of process.argv.slice(2)) {
  const text = readFileSync(file, 'utf8')
  const { specVersion, components } = JSON.parse(text)
  const wrong = await new Validation.JsonStrictValidator(specVersion).validate(text)
  if (wrong !== null) {
    console.error(file, JSON.stringify(wrong, null, 1))
    process.exit(1)
  }
  console.log(`${file}: valid CycloneDX ${specVersion}, ${components.length} components`)
}
