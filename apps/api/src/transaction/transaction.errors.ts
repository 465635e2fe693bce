export type TransactionErrorCode =
  'OfferingUnknown' | 'TokenUnknown' | 'OfferingNotOpen' | 'OfferingNotOver' | 'AmountNotPositive';
