// Answers one simulation for each line of standard input, with
// @cloud-copilot/iam-simulate as installed under the folder in the first
// argument. A line is a Simulation as that package documents it; an answer is
// a JSON string: the overall result, or "error: ..." .
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'

const { runSimulation } = createRequire(process.argv[2] + '/')('@cloud-copilot/iam-simulate')

for await (const line of createInterface({ input: process.stdin })) {
  const result = await runSimulation(JSON.parse(line), {})
  const answer = result.resultType === 'error' ? 'error: ' + JSON.stringify(result.errors) : result.overallResult
  console.log(JSON.stringify(answer))
}
