export type OperatorErrorCode = 'DaysOutOfRange';
