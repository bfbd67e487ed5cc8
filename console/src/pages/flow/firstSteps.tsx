/** What an empty server says: how to see something flow. */
import type { JSX } from 'preact'
import { t } from '../../language/text.ts'
import { Empty } from '../../parts/blocks.tsx'

export function FirstSteps(): JSX.Element {
  const endpoint = location.origin
  return (
    <Empty icon="flow" title={t('The stream bed is dry')}>
      <p>
        {t('Deploy a pipeline to this server, and it is drawn here as it is. For a first look, the sales example:')}
      </p>
      <pre class="code">npm run demo</pre>
      <p>{t('Or your own, with the tools you have:')}</p>
      <pre class="code">
        {`export AWS_ENDPOINT_URL=${endpoint} AWS_REGION=us-east-1\nexport AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test\ncdk bootstrap && cdk deploy`}
      </pre>
    </Empty>
  )
}
