/** A change as GetRecords tells it. */
import { createHash } from 'node:crypto';
import { itemSize } from '../attributes';
import type { LoggedChange } from '../table';
import type { StreamedChange } from './shard';

export type ViewType = 'KEYS_ONLY' | 'NEW_IMAGE' | 'OLD_IMAGE' | 'NEW_AND_OLD_IMAGES';

/** Where a record says who deleted an item that nobody asked to delete. */
const TIME_TO_LIVE = { Type: 'Service', PrincipalId: 'dynamodb.amazonaws.com' };

export interface WireRecord {
  readonly eventID: string;
  readonly eventName: string;
  readonly eventVersion: '1.1';
  readonly eventSource: 'aws:dynamodb';
  readonly awsRegion: 'us-east-1';
  readonly dynamodb: Readonly<Record<string, unknown>> & { readonly SizeBytes: number };
  readonly userIdentity?: Readonly<Record<string, string>>;
}

export function wireRecord({ number, change }: StreamedChange, view: ViewType): WireRecord {
  const { key, atMs } = change;
  const newImage = view.startsWith('NEW') ? change.newImage : undefined;
  const oldImage = view.includes('OLD') ? change.oldImage : undefined;
  return {
    eventID: createHash('md5').update(String(number)).digest('hex'),
    eventName: eventName(change),
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: 'us-east-1',
    dynamodb: {
      ApproximateCreationDateTime: Math.floor(atMs / 1000),
      Keys: key,
      ...(newImage !== undefined && { NewImage: newImage }),
      ...(oldImage !== undefined && { OldImage: oldImage }),
      SequenceNumber: String(number),
      SizeBytes: itemSize(key) + itemSize(newImage) + itemSize(oldImage),
      StreamViewType: view,
    },
    ...(change.collected === 'by DynamoDB' && { userIdentity: TIME_TO_LIVE }),
  };
}

function eventName({ oldImage, newImage, collected }: LoggedChange): string {
  // Its time to live is newer than the library in it that names what happened.
  if (collected === 'by DynamoDB Local') return 'UNKNOWN_TO_SDK_VERSION';
  if (oldImage === undefined) return 'INSERT';
  return newImage === undefined ? 'REMOVE' : 'MODIFY';
}
