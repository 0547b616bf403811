/** Sizes that the frame and what stands in for it share. */
export const HEADER_HEIGHT = 56;
export const NAVBAR_WIDE = 228;
export const NAVBAR_NARROW = 64;
