/** One request to DynamoDB Local or to the fake, as it goes over the wire. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

const STREAM_CALLS = new Set(['ListStreams', 'DescribeStream', 'GetShardIterator', 'GetRecords']);

export async function ask(endpoint: string, operation: string, body: unknown): Promise<Answer> {
  const credential = 'Credential=goredis/20260101/us-east-1/dynamodb/aws4_request';
  const service = STREAM_CALLS.has(operation) ? 'DynamoDBStreams' : 'DynamoDB';
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/x-amz-json-1.0',
      'X-Amz-Target': `${service}_20120810.${operation}`,
      Authorization: `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=host, Signature=0`,
    },
    body: JSON.stringify(body),
  });
  const { Message: message, ...rest } = (await response.json()) as Record<string, unknown>;
  // DynamoDB Local writes the field of errors with a capital letter, DynamoDB does not.
  return { status: response.status, body: message === undefined ? rest : { ...rest, message } };
}
