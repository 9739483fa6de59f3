import { expect, test } from 'vitest'
import { needsToken } from './image.ts'

test.each([
  { image: 'localstack/localstack:4.14.0', needed: false },
  { image: 'localstack/localstack:3', needed: false },
  { image: 'mirror.example.com:5000/localstack/localstack:4.14.0', needed: false },
  { image: 'localstack/localstack:4.14.0@sha256:3ebc', needed: false },
  { image: 'localstack/localstack:2026.09.0', needed: true },
  { image: 'localstack/localstack:2027.1.0', needed: true },
  { image: 'localstack/localstack:latest', needed: true },
  { image: 'localstack/localstack', needed: true },
  { image: 'mirror.example.com:5000/localstack/localstack', needed: true },
])('$image needs a token: $needed', ({ image, needed }) => {
  expect(needsToken(image)).toBe(needed)
})
