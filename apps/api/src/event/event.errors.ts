export type EventErrorCode = 'PositionUnknown' | 'PositionForgotten' | 'TooManyFilters';
