export type RevenueErrorCode = 'RangeInvalid';
