// Stands in for GraphiQL's preview of images (see bundle.js): there is never anything to preview.

export const ImagePreview = Object.assign(() => null, { shouldRender: () => false });
