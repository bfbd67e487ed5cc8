/** Jobs: each with its runs, what a run logged, read and cost; and the workflows that lead from one to the next. */
import type { JSX } from 'preact'
import type { PageProps } from '../../app.tsx'
import { ago, t } from '../../language/text.ts'
import { Card, Empty, PageHead, Shown, Status, Tabs } from '../../parts/blocks.tsx'
import { Choices } from '../../parts/choices.tsx'
import { link } from '../../router.ts'
import { aws, awsIfThere, type Output, pages } from '../../server/aws.ts'
import { serverNow } from '../../server/clock.ts'
import { useLive } from '../../server/live.ts'
import { JobCard } from './jobCard.tsx'
import { Workflows } from './workflows.tsx'

export interface JobWithLast {
  job: Output
  last: Output | undefined
}

export function JobsPage({ place }: PageProps): JSX.Element {
  const workflow = place.query.get('workflow')
  const isOfWorkflows = workflow !== null
  return (
    <>
      <PageHead
        title={t('Jobs')}
        lead={t('The heavy work: runs as they go, what they logged, and what would start them.')}
      />
      <Tabs
        active={isOfWorkflows ? 'workflows' : 'jobs'}
        href={(id) => (id === 'jobs' ? link('jobs') : link('jobs', [], { workflow: '' }))}
        tabs={[
          { id: 'jobs', name: t('Jobs') },
          { id: 'workflows', name: t('Workflows') },
        ]}
      />
      {isOfWorkflows ? <Workflows chosen={workflow} /> : <JobList place={place} />}
    </>
  )
}

function JobList({ place }: PageProps): JSX.Element {
  const live = useLive('jobs', findJobs, 2_000)
  return (
    <Shown live={live}>
      {(jobs) => {
        if (jobs.length === 0)
          return (
            <Card>
              <Empty icon="job" title={t('No job')}>
                <p>{t('A job is a PySpark or Python script; it runs here without Java.')}</p>
                <pre class="code">
                  {
                    'aws glue create-job --name first --role arn:aws:iam::000000000000:role/glue \\\n  --command Name=glueetl,PythonVersion=3,ScriptLocation=s3://code/first.py'
                  }
                </pre>
              </Empty>
            </Card>
          )
        const chosen = jobs.find(({ job }) => job.Name === place.path[0]) ?? (jobs[0] as JobWithLast)
        return (
          <div class="split" style={{ '--left': '28%' }}>
            <Choices
              title={t('Jobs')}
              items={jobs}
              chosen={chosen}
              keyOf={({ job }) => job.Name}
              hrefOf={({ job }) => link('jobs', [job.Name])}
            >
              {({ job, last }) => (
                <>
                  <span class="row">
                    <strong class="truncate">{job.Name}</strong>
                    <span style={{ marginLeft: 'auto' }}>{last && <Status of={last.JobRunState} />}</span>
                  </span>
                  <small>{last ? ago(last.StartedOn * 1000, serverNow()) : t('never ran')}</small>
                </>
              )}
            </Choices>
            <JobCard key={chosen.job.Name} job={chosen.job} runId={place.path[1]} />
          </div>
        )
      }}
    </Shown>
  )
}

async function findJobs(): Promise<JobWithLast[]> {
  const jobs = await pages('glue', 'GetJobs', {}, 'Jobs')
  return Promise.all(
    jobs.map(async (job) => {
      const answer = await awsIfThere('glue', 'GetJobRuns', { JobName: job.Name, MaxResults: 1 })
      return { job, last: answer?.JobRuns?.[0] }
    }),
  )
}

export const runsOf = (name: string): Promise<Output[]> =>
  aws('glue', 'GetJobRuns', { JobName: name, MaxResults: 100 }).then(({ JobRuns }) => JobRuns ?? [])
