/**
 * S3's errors. The model names few of them, so they are spelled out here with the status, the words and the further
 * elements (`BucketName`, `Key` …) that S3 itself answers with.
 */
import { type AwsError, awsError } from '../../wire/errors.ts'

export const NoSuchBucket = (bucket: string) =>
  awsError('NoSuchBucket', 'The specified bucket does not exist', 404, { BucketName: bucket })

export const NoSuchKey = (key: string) => awsError('NoSuchKey', 'The specified key does not exist.', 404, { Key: key })

export const NoSuchVersion = (key: string, versionId: string) =>
  awsError('NoSuchVersion', 'The specified version does not exist.', 404, { Key: key, VersionId: versionId })

export const NoSuchUpload = (uploadId: string) =>
  awsError(
    'NoSuchUpload',
    'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
    404,
    { UploadId: uploadId },
  )

export const BucketAlreadyExists = (bucket: string) =>
  awsError(
    'BucketAlreadyExists',
    'The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.',
    409,
    { BucketName: bucket },
  )

export const BucketAlreadyOwnedByYou = (bucket: string) =>
  awsError(
    'BucketAlreadyOwnedByYou',
    'Your previous request to create the named bucket succeeded and you already own it.',
    409,
    { BucketName: bucket },
  )

export const BucketNotEmpty = (bucket: string, versioned: boolean) =>
  awsError(
    'BucketNotEmpty',
    versioned
      ? 'The bucket you tried to delete is not empty. You must delete all versions in the bucket.'
      : 'The bucket you tried to delete is not empty',
    409,
    { BucketName: bucket },
  )

export const InvalidBucketName = (bucket: string) =>
  awsError('InvalidBucketName', 'The specified bucket is not valid.', 400, { BucketName: bucket })

export const InvalidArgument = (message: string, name?: string, value?: unknown) =>
  awsError('InvalidArgument', message, 400, name === undefined ? {} : { ArgumentName: name, ArgumentValue: value })

export const InvalidRequest = (message: string) => awsError('InvalidRequest', message, 400)

export const MalformedXml = () =>
  awsError(
    'MalformedXML',
    'The XML you provided was not well-formed or did not validate against our published schema',
    400,
  )

export const KeyTooLong = (key: string, bytes: number) =>
  awsError('KeyTooLongError', 'Your key is too long', 400, { Size: bytes, MaxSizeAllowed: keyBytesMax, Key: key })

export const keyBytesMax = 1024

export const PreconditionFailed = (condition: string) =>
  awsError('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', 412, {
    Condition: condition,
  })

/** 304: an answer without a body, which clients see as an error. */
export const NotModified = (fields: Record<string, unknown> = {}) =>
  awsError('NotModified', 'Not Modified', 304, fields)

export const ConditionalRequestConflict = (condition: string) =>
  awsError(
    'ConditionalRequestConflict',
    'The conditional request cannot succeed due to a conflicting operation against this resource.',
    409,
    { Condition: condition },
  )

export const InvalidRange = (range: string, size: number) =>
  awsError('InvalidRange', 'The requested range is not satisfiable', 416, {
    RangeRequested: range,
    ActualObjectSize: size,
  })

export const InvalidPartNumber = (partNumber: number, partsCount: number) =>
  awsError('InvalidPartNumber', 'The requested partnumber is not satisfiable', 416, {
    PartNumberRequested: partNumber,
    ActualPartCount: partsCount,
  })

export const BadDigest = (what: string) =>
  awsError('BadDigest', `The ${what} you specified did not match what we received.`, 400)

export const InvalidDigest = (digest: string) =>
  awsError('InvalidDigest', 'The Content-MD5 you specified was invalid.', 400, { 'Content-MD5': digest })

export const ContentSha256Mismatch = (claimed: string, computed: string) =>
  awsError(
    'XAmzContentSHA256Mismatch',
    "The provided 'x-amz-content-sha256' header does not match what was computed.",
    400,
    {
      ClientComputedContentSHA256: claimed,
      S3ComputedContentSHA256: computed,
    },
  )

export const EntityTooLarge = (proposed: number, max: number) =>
  awsError('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size', 400, {
    ProposedSize: proposed,
    MaxSizeAllowed: max,
  })

export const EntityTooSmall = (proposed: number, min: number, partNumber?: number, etag?: string) =>
  awsError('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size', 400, {
    ProposedSize: proposed,
    MinSizeAllowed: min,
    ...(partNumber === undefined ? {} : { PartNumber: partNumber, ETag: etag }),
  })

export const IncompleteBody = () =>
  awsError('IncompleteBody', 'You did not provide the number of bytes specified by the Content-Length HTTP header', 400)

export const InvalidPart = (uploadId: string, partNumber: number, etag: string) =>
  awsError(
    'InvalidPart',
    "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
    400,
    { UploadId: uploadId, PartNumber: partNumber, ETag: etag },
  )

export const InvalidPartOrder = (uploadId: string) =>
  awsError(
    'InvalidPartOrder',
    'The list of parts was not in ascending order. Parts must be ordered by part number.',
    400,
    { UploadId: uploadId },
  )

export const MethodNotAllowed = (method: string, resourceType: string, fields: Record<string, unknown> = {}) =>
  awsError('MethodNotAllowed', 'The specified method is not allowed against this resource.', 405, {
    Method: method,
    ResourceType: resourceType,
    ...fields,
  })

export const MetadataTooLarge = (size: number) =>
  awsError('MetadataTooLarge', 'Your metadata headers exceed the maximum allowed metadata size', 400, {
    Size: size,
    MaxSizeAllowed: 2048,
  })

export const InvalidTag = (message: string, key?: string) =>
  awsError('InvalidTag', message, 400, key === undefined ? {} : { TagKey: key })

export const InvalidStorageClass = (storageClass: string) =>
  awsError('InvalidStorageClass', 'The storage class you specified is not valid', 400, {
    StorageClassRequested: storageClass,
  })

export const AccessDenied = (message = 'Access Denied') => awsError('AccessDenied', message, 403)

export const MalformedPolicy = (message: string) => awsError('MalformedPolicy', message, 400)

export const InvalidLocationConstraint = (location: string) =>
  awsError('InvalidLocationConstraint', 'The specified location-constraint is not valid', 400, {
    LocationConstraint: location,
  })

export const IllegalLocationConstraint = (location: string) =>
  awsError(
    'IllegalLocationConstraintException',
    `The ${location} location constraint is incompatible for the region specific endpoint this request was sent to.`,
    400,
  )

/** A setting that was never made, or was deleted: each kind has its own code. */
export const NoSuchSetting = (code: string, message: string, bucket: string): AwsError =>
  awsError(code, message, 404, { BucketName: bucket })

export const InvalidBucketState = (message: string) => awsError('InvalidBucketState', message, 409)

export const AccessControlListNotSupported = () =>
  awsError('AccessControlListNotSupported', 'The bucket does not allow ACLs', 400)

/** The same error with more said: further elements, or (under `headers`) headers of the answer. */
export function withFields(error: AwsError, fields: Record<string, unknown>): AwsError {
  return awsError(error.code, error.message, error.status, { ...error.fields, ...fields })
}
