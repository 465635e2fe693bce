export type EventErrorCode = 'PositionUnknown' | 'DisputeUnknown' | 'PositionForgotten' | 'TooManyFilters';
